# Tells the master something ($2) in its second step.
. tests/nodes/speak.sh
begin
take
say master "$2"
finish
take
