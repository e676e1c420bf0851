# Says hello on its standard output, and dies before it reads anything.
. tests/nodes/speak.sh
echo 'port 8000 is taken' >&2
echo 'Starting server...'
exit 1
