"""The uplink: what the box asks for goes out by it alone, and the names that its lease brings are known; what a lease says is not believed to be more."""

import pathlib
import re
import subprocess
import tempfile

from layer import Layer

FILES = pathlib.PurePath("recipes-core/school-box/files")
# What systemd-networkd keeps, and what the C library is to be told.
LEASES = {
    "DNS=10.0.2.3 fd00::3\n": ["nameserver 10.0.2.3", "nameserver fd00::3"],
    "OPER_STATE=routable\nDNS=1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4\nNTP=9.9.9.9\n": ["nameserver 1.1.1.1", "nameserver 2.2.2.2", "nameserver 3.3.3.3"],
    "DNS=9.9.9.9#dns.example.org\n": ["nameserver 9.9.9.9"],
    "DNS=\n": [],
    "OPER_STATE=off\n": [],
    "DNS=$(reboot) `reboot` x;y\n": [],
}


def problems(layer: Layer) -> list[str]:
    """One line each."""
    return firewall_problems(layer) + name_problems(layer)


def firewall_problems(layer: Layer) -> list[str]:
    """Each chain drops what it does not name; nothing new goes out to the learners' network."""
    text = (layer.folder / FILES / "nftables.conf").read_text(encoding="utf-8")
    chains = dict(re.findall(r"chain (\w+) \{(.*?)\n\t\}", text, re.DOTALL))
    found = [f"nftables.conf: chain {name} does not drop" for name in ("input", "output", "forward") if "policy drop;" not in chains.get(name, "")]
    for line in chains.get("output", "").splitlines():
        rule = line.strip()
        if not rule.endswith("accept") or rule.startswith("#"):
            continue
        # The question for other DHCP servers.
        if rule == 'oifname "box0" udp sport 68 udp dport 67 accept':
            continue
        named = re.match(r'oifname "([^"]*)"', rule)
        if named and not re.fullmatch(r"(e|usb|ww)\*", named.group(1)):
            found.append(f"nftables.conf: {rule}: {named.group(1)} is no uplink")
        leases = "udp sport 67 udp dport 68 accept"
        if not named and rule not in ("oif lo accept", "ct state { established, related } accept", leases, "ip protocol icmp accept", "meta l4proto icmpv6 accept"):
            found.append(f"nftables.conf: {rule}: goes out to the learners' network too")
    for line in chains.get("input", "").splitlines():
        rule = line.strip()
        ports = {word for part in re.findall(r"dport (\{[^}]*\}|\d+)", rule) for word in re.findall(r"\d+", part)}
        if ports & {"53", "67", "547"} and not rule.startswith('iifname "box0"'):
            found.append(f"nftables.conf: {rule}: leases and names are for the learners' network alone")
    for port, who in (("67", "lease_askers { ether saddr"), ("53", "name_askers { ip saddr"), ("53", "name_askers6 { ip6 saddr")):
        if not re.search(rf"udp dport {port} update @{re.escape(who)} limit rate over [^}}]*\}} drop", chains.get("learners", "")):
            found.append(f"nftables.conf: one device may ask port {port} as often as it likes ({who})")
    if 'oifname "e*" accept' not in chains.get("output", ""):
        found.append("nftables.conf: nothing goes out by the uplink")
    return found


def name_problems(layer: Layer) -> list[str]:
    """keep-names."""
    found = []
    for state, wanted in LEASES.items():
        with tempfile.TemporaryDirectory() as place:
            there, names = pathlib.Path(place, "state"), pathlib.Path(place, "resolv.conf")
            there.write_text(state)
            done = subprocess.run(["sh", layer.folder / FILES / "keep-names", there, names], capture_output=True, text=True, check=False)
            said = names.read_text().splitlines() if names.exists() else ["nothing"]
            if done.returncode or said[:-1] != wanted or not said[-1].startswith("options "):
                found.append(f"keep-names: of `{state.strip()}` it makes {said}")
    return found
