# Does everything right, but for the length of its chain, which is its process id: an input that is on no line.
. tests/nodes/speak.sh
begin
while take; do
    say clock "{\"type\":\"done\",\"step\":$step,\"state\":{\"length\":$$}}"
done
