# Answers the question for its store with something ($2).
. tests/nodes/speak.sh
begin
take
say master "$2"
take
