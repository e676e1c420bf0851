#!/usr/bin/env bash
# Measures splitbrain beside etcd: three servers each on loopback, their data on one disk, every write synced, the same load
# generator for both (benches/peers, binary load). Prints medians and ratios as Markdown, and the rate of fdatasync.
#
# Every cell (system, workload, number of clients) has new servers with empty folders, and the systems take turns within a
# round. Servers and data are gone when the script ends, however it ends: a trap ends them, and if the script itself is
# killed, the kernel does (setpriv --pdeathsig); only the data folder is left then.
set -euo pipefail

usage() {
  cat <<'END'
usage: benches/etcd.sh [options]
  --only "SYSTEM ..."   measure these alone: etcd, ours-multi-paxos, ours-raft
  --rounds N            rounds, whose median is printed (5)
  --seconds N           how long each cell is counted, after 1 s to warm up (4)
  --clients "N ..."     numbers of clients ("1 16 64 256")
  --workloads "W ..."   put, get ("put get"); gets are linearizable, and ours are measured in both of their ways
  --built DIR           take the programs load and server from this folder, and build nothing
  --data DIR            the folder for a temporary folder with the servers' data (target/); not a tmpfs
  --figures FILE        keep the figures of every round in this file, one line of JSON each
  --connections N       how many connections the clients of etcd share at most (1)
  --to leader|servers   where those connections go (leader)
END
}

fail() {
  echo "benches/etcd.sh: $*" >&2
  exit 1
}

root=$(cd "$(dirname "$0")/.." && pwd)
systems=(etcd ours-multi-paxos ours-raft) rounds=5 seconds=4 clients=(1 16 64 256) workloads=(put get)
data="$root/target" figures="" built="" load_options=()
while (($# > 0)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --only | --rounds | --seconds | --clients | --workloads | --built | --data | --figures | --connections | --to)
      (($# > 1)) || fail "$1 needs a value; see --help" ;;
    *) fail "there is no option $1; see --help" ;;
  esac
  case $1 in
    --only) read -ra systems <<<"$2" ;;
    --rounds) [[ $2 =~ ^[1-9][0-9]*$ ]] || fail "--rounds takes a number of at least 1, not $2"; rounds=$2 ;;
    --seconds) seconds=$2 ;;
    --clients) read -ra clients <<<"$2" ;;
    --workloads) read -ra workloads <<<"$2" ;;
    --built) built=$(realpath "$2") ;;
    --data) data=$2 ;;
    --figures) figures=$2 ;;
    --connections | --to) load_options+=("$1" "$2") ;;
  esac
  shift 2
done

for system in "${systems[@]}"; do
  case $system in
    etcd | ours-multi-paxos | ours-raft) ;;
    *) fail "--only takes etcd, ours-multi-paxos and ours-raft, not $system" ;;
  esac
done

# What is needed, before anything is done.
missing=()
command -v etcd >/dev/null || missing+=(etcd-server)
command -v protoc >/dev/null || missing+=(protobuf-compiler)
((${#missing[@]} == 0)) || fail "not installed: ${missing[*]}. On Debian and Ubuntu: apt-get install ${missing[*]}" \
  "(protoc builds the load generator's client of etcd; a service etcd that the package starts can be stopped: the benchmark has its own)"
command -v setpriv >/dev/null || fail "not installed: setpriv. On Debian and Ubuntu: apt-get install util-linux"
mkdir -p "$data"
case $(stat --file-system --format=%T "$data") in
  tmpfs | ramfs) fail "$data is in memory, where a sync costs nothing; name a folder on a disk with --data" ;;
esac

processes=() # of the servers that run now
loading=""   # the process id of the load generator
folder=""

end_servers() {
  local process
  for process in "${processes[@]}"; do kill -KILL "$process" 2>/dev/null || true; done
  for process in "${processes[@]}"; do wait "$process" 2>/dev/null || true; done
  processes=()
}
clean_up() {
  if [[ -n $loading ]]; then kill -KILL "$loading" 2>/dev/null || true; fi
  end_servers
  if [[ -n $folder ]]; then rm -rf "$folder"; fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

if [[ -z $built ]]; then
  export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
  cargo build --quiet --release --manifest-path "$root/benches/peers/Cargo.toml" --features load --bin load
  cargo build --quiet --release --manifest-path "$root/Cargo.toml" --bin server
  built="$CARGO_TARGET_DIR/release"
fi
load="$built/load" server="$built/server"
folder=$(mktemp -d "$data/etcd-bench.XXXXXX")
figures="${figures:-$folder/figures}"
: >"$figures"
unset "${!ETCD_@}" # etcd reads its options from there too

# The standard output of the load generator; in the background, so that a signal is answered at once.
run_load() {
  setpriv --pdeathsig KILL "$load" "$@" &
  loading=$!
  local outcome=0
  wait "$loading" || outcome=$?
  loading=""
  return "$outcome"
}

# Starts one server, which this shell has as its child: NAME PROGRAM ARGUMENTS...
start_server() {
  local name=$1
  shift
  setpriv --pdeathsig KILL "$@" >"$folder/$name.log" 2>&1 </dev/null &
  processes+=($!)
}

# Three members with their defaults, which sync every write. Sets `addresses`.
start_etcd() {
  local ports cluster="" member
  mapfile -t ports < <("$load" ports 6)
  for member in 0 1 2; do
    cluster+="${cluster:+,}member-$member=http://127.0.0.1:${ports[member]}"
  done
  for member in 0 1 2; do
    start_server "member-$member" etcd --name "member-$member" --data-dir "$folder/member-$member" \
      --listen-peer-urls "http://127.0.0.1:${ports[member]}" \
      --initial-advertise-peer-urls "http://127.0.0.1:${ports[member]}" \
      --listen-client-urls "http://127.0.0.1:${ports[member + 3]}" \
      --advertise-client-urls "http://127.0.0.1:${ports[member + 3]}" \
      --initial-cluster "$cluster" --initial-cluster-state new
  done
  addresses="127.0.0.1:${ports[3]},127.0.0.1:${ports[4]},127.0.0.1:${ports[5]}"
}

# Three servers by hand, which sync every write too: PROTOCOL READS. Sets `addresses`.
start_ours() {
  local protocol=$1 reads=$2 ports number
  mapfile -t ports < <("$load" ports 3)
  for number in 1 2 3; do
    echo "server $number 127.0.0.1:${ports[number - 1]}"
  done >"$folder/cluster"
  for number in 1 2 3; do
    start_server "member-$number" "$server" "$number" --cluster "$folder/cluster" --data "$folder/member-$number" \
      --protocol "$protocol" --reads "$reads"
  done
  addresses="127.0.0.1:${ports[0]},127.0.0.1:${ports[1]},127.0.0.1:${ports[2]}"
}

# How servers of ours read (--reads), for each row that a system has of a workload: SYSTEM WORKLOAD. All but their gets are
# one row, whatever that is.
ways_of() {
  case $1-$2 in
    ours-*-get) echo index chain ;;
    *) echo chain ;;
  esac
}

# The name of a row: SYSTEM WORKLOAD WAY
name_of() {
  case $1-$2-$3 in
    etcd-*) echo etcd ;;
    ours-*-get-index) echo "${1/-/ }, reads=index" ;;
    ours-*-get-chain) echo "${1/-/ }, reads as blocks" ;;
    ours-*) echo "${1/-/ }" ;;
  esac
}

# One cell: SYSTEM WAY ROUND WORKLOAD COUNT
measure() {
  local system=$1 way=$2 round=$3 workload=$4 count=$5 name joined
  name=$(name_of "$system" "$workload" "$way")
  case $system in
    etcd) start_etcd ;;
    ours-*) start_ours "${system#ours-}" "$way" ;;
  esac
  joined=$(IFS=, && echo "${processes[*]}")
  if ! run_load run --system "$system" --name "$name" --round "$round" --workload "$workload" --clients "$count" \
    --seconds "$seconds" --servers "$addresses" --processes "$joined" "${load_options[@]}" >"$folder/cell"; then
    tail -n 3 "$folder"/member-*.log >&2
    fail "no figure of $name, $workload, $count clients; above are the ends of the servers' logs"
  fi
  tee -a "$figures" <"$folder/cell" >&2
  end_servers
  rm -rf "$folder"/member-*
}

echo "load before: $(cut -d ' ' -f 1-3 /proc/loadavg); $(nproc) processors; $(etcd --version | head -n 1)"
run_load disk "$folder"
for ((round = 1; round <= rounds; round++)); do
  for workload in "${workloads[@]}"; do
    for number in "${clients[@]}"; do
      for system in "${systems[@]}"; do
        for way in $(ways_of "$system" "$workload"); do
          measure "$system" "$way" "$round" "$workload" "$number"
        done
      done
    done
  done
done
run_load disk "$folder"
echo "load after: $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo
run_load table "$figures"
