# Answers init, and then reads no more.
. tests/nodes/speak.sh
begin
exec sleep 1000
