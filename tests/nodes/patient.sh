# Is the server s1, which says that it has begun (it makes the file $2), and answers init only when there is a file ($3).
. tests/nodes/speak.sh
take
: >"$2"
until [ -e "$3" ]; do :; done
say master '{"type":"init_ok","in_reply_to":2,"lockstep":1}'
finish
take
