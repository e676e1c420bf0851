# Writes a long log, and dies in the middle of a step.
. tests/nodes/speak.sh
begin
take
seq 1 100000 | sed 's/^/request /' >&2
exit 3
