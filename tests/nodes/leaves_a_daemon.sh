# Starts a process in a session of its own that keeps its standard output open (it makes the file $2), and leaves in time.
. tests/nodes/speak.sh
begin
setsid sh -c ': >"$1"; sleep 1000' sh "$2" &
until [ -e "$2" ]; do :; done
take
: its input has ended
