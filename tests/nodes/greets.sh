# Says hello on its standard output before it reads anything, and then does as it should.
. tests/nodes/speak.sh
echo 'Starting server...'
begin
while take; do finish; done
