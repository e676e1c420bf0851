# Tells the clock something ($2) in its second step.
. tests/nodes/speak.sh
begin
take
say clock "$2"
finish
while take; do finish; done
