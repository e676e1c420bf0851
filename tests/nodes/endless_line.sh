# Puts out a line without end.
. tests/nodes/speak.sh
begin
take
yes x | tr -d '\n'
