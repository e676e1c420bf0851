# Tells the disk something ($2 and what follows, one line each) in its second step, and writes nothing.
. tests/nodes/speak.sh
begin
take
shift
for body; do say disk "$body"; done
finish
while take; do finish; done
