# Puts out JSON that is no object.
. tests/nodes/speak.sh
begin
take
echo '[1, 2]'
take
