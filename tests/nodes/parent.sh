# Starts a process that keeps its standard output open, and dies.
. tests/nodes/speak.sh
begin
take
sleep 1000 &
exit 3
