# Reads no more, and starts a process in a session of its own that keeps its standard input open (it makes the file $2).
. tests/nodes/speak.sh
exec 3<&0
take
setsid sh -c ': >"$1"; sleep 1000' sh "$2" <&3 &
until [ -e "$2" ]; do :; done
say master '{"type":"init_ok","in_reply_to":1,"lockstep":1}'
finish
sleep 1000
