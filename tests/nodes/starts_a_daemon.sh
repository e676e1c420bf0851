# A good node that starts a daemon: it forks twice, leads no session, ignores SIGTERM and SIGHUP, and makes the file $2.
. tests/nodes/speak.sh
daemon='{ trap "" TERM HUP; cd /; : >"$1"; exec sleep 1000; } </dev/null >/dev/null 2>&1 &'
(setsid sh -c "$daemon" sh "$2" &)
until [ -e "$2" ]; do sleep 0.01; done
begin
while take; do finish; done
