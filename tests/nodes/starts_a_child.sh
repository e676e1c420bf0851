# A good node that starts a process.
. tests/nodes/speak.sh
sleep 1000 &
begin
while take; do finish; done
