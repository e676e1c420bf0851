# Is killed by a signal in the middle of a step, with a word in its log that a terminal would obey.
. tests/nodes/speak.sh
begin
take
printf 'out of \033[31mmemory\n' >&2
kill -KILL $$
