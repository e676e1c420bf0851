# Never answers.
. tests/nodes/speak.sh
take
take
