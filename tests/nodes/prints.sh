# Prints what it is doing on its standard output, among its messages.
. tests/nodes/speak.sh
begin
take
echo 'Server is listening on port 8000'
take
