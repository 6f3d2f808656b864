#!/bin/sh
# Runs a command on two hosts that are two network namespaces of this machine, joined by a cable of their own:
#   scripts/ranks/hosts.sh                          minimises a slow program on two ranks, one on each host
#   scripts/ranks/hosts.sh COMMAND …                or what you say, such as node program.js
#   scripts/ranks/hosts.sh --down SECONDS …         takes the cable out after so many seconds
#   scripts/ranks/hosts.sh --rate RATE …            a slow cable, such as 100mbit in each direction
# As root, with Debian's openmpi-bin and iproute2. The ranks talk by TCP; one host starts the other's by an agent in the place of ssh.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)

missing=
for program in mpirun ip unshare node; do
  command -v $program > /dev/null || missing="$missing $program"
done
if [ -n "$missing" ]; then
  echo "hosts.sh: missing:$missing. On Debian: apt-get install openmpi-bin iproute2 util-linux." >&2
  exit 77
fi
if [ "$(id -u)" != 0 ]; then
  echo "hosts.sh: only root can make network namespaces." >&2
  exit 77
fi
down=
rate=
while [ "${1:-}" = --down ] || [ "${1:-}" = --rate ]; do
  if [ "$1" = --down ]; then down=$2; else rate=$2; fi
  shift 2
done

# Names of our own, so that several may run at a time.
one=southwell-a$$
two=southwell-b$$
folder=$(mktemp -d /tmp/southwell-hosts.XXXXXX)
clean() {
  status=$?
  trap - EXIT INT TERM
  for name in $one $two; do
    for pid in $(ip netns pids $name 2> /dev/null); do kill -KILL "$pid" 2> /dev/null || true; done
    ip netns delete $name 2> /dev/null || true
  done
  rm -rf "$folder"
  exit "$status"
}
trap clean EXIT
trap 'exit 130' INT TERM

if ! ip netns add $one 2> "$folder/why"; then
  echo "hosts.sh: no network namespace can be made here: $(cat "$folder/why")." >&2
  exit 77
fi
ip netns add $two
ip link add eth0 netns $one type veth peer name eth0 netns $two
ip -n $one address add 10.77.0.1/24 dev eth0
ip -n $two address add 10.77.0.2/24 dev eth0
for name in $one $two; do
  ip -n $name link set lo up
  ip -n $name link set eth0 up
  # mpirun gives up a host when TCP does: after seconds rather than a quarter of an hour.
  ip netns exec $name sh -c 'echo 3 > /proc/sys/net/ipv4/tcp_retries2' 2> /dev/null ||
    echo "hosts.sh: tcp_retries2 cannot be set: mpirun may wait long for a host that is gone." >&2
  if [ -n "$rate" ] && ! tc -n $name qdisc add dev eth0 root tbf rate "$rate" burst 64kb latency 50ms 2> "$folder/why"; then
    echo "hosts.sh: the cable cannot be made slow: $(cat "$folder/why")." >&2
    exit 77
  fi
done

# In the place of ssh: the first word is the host, the rest a line for its shell.
cat > "$folder/agent" << AGENT
#!/bin/sh
shift
exec ip netns exec $two unshare --uts sh -c 'hostname $two; eval "\$*"' sh "\$@"
AGENT
chmod +x "$folder/agent"
printf '10.77.0.1 slots=1\n10.77.0.2 slots=1\n' > "$folder/hosts"

if [ $# -eq 0 ]; then
  set -- node "$here/packages/cli/bin/southwell.mjs" minimize --timeout 2 --budget 100 --method random-search \
    --command 'sleep 0.05; echo $(( {x1} * {x1} + {x2} * {x2} ))' --dim 2 --integer --lower -9 --upper 9
fi
if [ -n "$down" ]; then
  (
    sleep "$down"
    ip -n $one link set eth0 down
  ) &
fi
ip netns exec $one unshare --uts sh -c 'hostname '$one'; exec "$@"' sh \
  mpirun --allow-run-as-root --hostfile "$folder/hosts" --map-by ppr:1:node \
  --prtemca plm_ssh_agent "$folder/agent" --prtemca prte_if_include 10.77.0.0/24 \
  --mca btl self,tcp --mca btl_tcp_if_include 10.77.0.0/24 --mca pml ob1 "$@" 2> "$folder/said" &
# Waited for so that a signal is heard at once.
mpirun=$!
tail -f -n +1 --pid=$mpirun "$folder/said" >&2 &
status=0
wait $mpirun || status=$?
wait
# mpirun (Open MPI 5.0.7) gives 0 where it has lost a host: the code of the ranks is that of their last sentence.
if [ $status = 0 ] && grep -aq 'lost communication with a remote daemon' "$folder/said"; then
  status=1
  if grep -aq '^southwell: Rank .* not responded' "$folder/said"; then status=4; fi
fi
exit $status
