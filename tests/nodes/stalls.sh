# Says that the run has come to it (it makes the file $2), and never answers.
. tests/nodes/speak.sh
take
: >"$2"
take
