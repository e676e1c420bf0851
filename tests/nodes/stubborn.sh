# Leaves neither at the end of its input nor at SIGTERM.
. tests/nodes/speak.sh
trap '' TERM
begin
while take; do finish; done
exec sleep 1000
