# Fails when its input ends.
. tests/nodes/speak.sh
begin
take || exit 7
