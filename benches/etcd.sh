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
  --only etcd           measure this system alone
  --rounds N            rounds, whose median is printed (5)
  --seconds N           how long each cell is counted, after 1 s to warm up (5)
  --clients "N ..."     numbers of clients ("1 16 64 256")
  --workloads "W ..."   put, get ("put get"); gets are linearizable
  --data DIR            the folder for a temporary folder with the servers' data (target/); not a tmpfs
  --figures FILE        keep the figures of every round in this file, one line of JSON each
  --threads N           threads of the load generator (1)
  --connections N       how many connections the clients share at most (1)
  --to leader|servers   where the connections go (leader)
END
}

fail() {
  echo "benches/etcd.sh: $*" >&2
  exit 1
}

root=$(cd "$(dirname "$0")/.." && pwd)
systems=(etcd) rounds=5 seconds=5 clients=(1 16 64 256) workloads=(put get)
data="$root/target" figures="" load_options=()
while (($# > 0)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --only | --rounds | --seconds | --clients | --workloads | --data | --figures | --threads | --connections | --to)
      (($# > 1)) || fail "$1 needs a value; see --help" ;;
    *) fail "there is no option $1; see --help" ;;
  esac
  case $1 in
    --only) [[ $2 == etcd ]] || fail "--only takes etcd, not $2"; systems=("$2") ;;
    --rounds) [[ $2 =~ ^[1-9][0-9]*$ ]] || fail "--rounds takes a number of at least 1, not $2"; rounds=$2 ;;
    --seconds) seconds=$2 ;;
    --clients) read -ra clients <<<"$2" ;;
    --workloads) read -ra workloads <<<"$2" ;;
    --data) data=$2 ;;
    --figures) figures=$2 ;;
    --threads | --connections | --to) load_options+=("$1" "$2") ;;
  esac
  shift 2
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

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
cargo build --quiet --release --manifest-path "$root/benches/peers/Cargo.toml" --features load --bin load
load="$CARGO_TARGET_DIR/release/load"
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

# One cell: SYSTEM ROUND WORKLOAD COUNT
measure() {
  local system=$1 round=$2 workload=$3 count=$4 joined
  case $system in
    etcd) start_etcd ;;
  esac
  joined=$(IFS=, && echo "${processes[*]}")
  if ! run_load run --system "$system" --name "$system" --round "$round" --workload "$workload" --clients "$count" \
    --seconds "$seconds" --servers "$addresses" --processes "$joined" "${load_options[@]}" >"$folder/cell"; then
    tail -n 3 "$folder"/member-*.log >&2
    fail "no figure of $system, $workload, $count clients; above are the ends of the servers' logs"
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
        measure "$system" "$round" "$workload" "$number"
      done
    done
  done
done
run_load disk "$folder"
echo "load after: $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo
run_load table "$figures"
