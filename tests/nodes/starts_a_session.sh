# A good node that starts a process in a session of its own, which makes the file $2.
. tests/nodes/speak.sh
setsid sh -c ': >"$1"; exec sleep 1000' sh "$2" &
until [ -e "$2" ]; do sleep 0.01; done
begin
while take; do finish; done
