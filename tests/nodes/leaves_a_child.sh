# Starts a process that keeps its standard output open, and leaves in time.
. tests/nodes/speak.sh
begin
sleep 1000 &
take
: its input has ended
