"""python-tuf as the other side: makes a repository for our client, or reads one of our publisher.

    python_tuf.py make FOLDER              FOLDER/metadata, FOLDER/targets
    python_tuf.py read FOLDER TARGET...    prints each target's bytes in hexadecimal, a line each; exit 1 and a line on standard error if refused
"""

import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import unquote, urlparse

from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import DownloadHTTPError, RepositoryError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.metadata import MetaFile
from tuf.ngclient import FetcherInterface, Updater

EXPIRES = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=365)
SCHEMES = {
    "rsassa-pss-sha256": lambda: CryptoSigner.generate_rsa(scheme="rsassa-pss-sha256"),
    "rsa-pkcs1v15-sha256": lambda: CryptoSigner.generate_rsa(scheme="rsa-pkcs1v15-sha256"),
    "ecdsa-sha2-nistp256": CryptoSigner.generate_ecdsa,
    "ed25519": CryptoSigner.generate_ed25519,
}


class Maker:
    """A repository in the making: every role has a key of another type."""

    def __init__(self, folder: Path) -> None:
        self.metadata = folder / "metadata"
        self.targets = folder / "targets"
        self.metadata.mkdir(parents=True)
        self.targets.mkdir()
        self.meta: dict[str, MetaFile] = {}

    def target(self, path: str, data: bytes) -> TargetFile:
        file = TargetFile.from_data(path, data, ["sha256"])
        place = self.targets / Path(path).parent
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{file.hashes['sha256']}.{Path(path).name}").write_bytes(data)
        return file

    def write(self, name: str, signed: object, *signers: CryptoSigner) -> None:
        metadata = Metadata(signed)
        for signer in signers:
            metadata.sign(signer, append=True)
        (self.metadata / name).write_bytes(metadata.to_bytes())

    def write_targets(self, role: str, signed: Targets, signer: CryptoSigner) -> None:
        self.write(f"{signed.version}.{role}.json", signed, signer)
        self.meta[f"{role}.json"] = MetaFile(signed.version)


def make(folder: Path) -> None:
    maker = Maker(folder)
    pss, pkcs, ecdsa, ed = (make() for make in SCHEMES.values())
    root = Root(1, None, EXPIRES, {}, None, True)
    for signer, role in ((pss, "root"), (ecdsa, "timestamp"), (pkcs, "snapshot"), (ed, "targets")):
        root.add_key(signer.public_key, role)
    maker.write("1.root.json", root, pss)
    # The root's key is replaced: both have signed.
    root.version = 2
    root.revoke_key(pss.public_key.keyid, "root")
    root.add_key(ed.public_key, "root")
    maker.write("2.root.json", root, pss, ed)

    team = Targets(3, None, EXPIRES)
    team.targets["packs/reading.pack"] = maker.target("packs/reading.pack", b"a pack of the team")
    maker.write_targets("team", team, ecdsa)
    bins = SuccinctRoles([ecdsa.public_key.keyid], 1, 4, "bin")
    shelf = Targets(1, None, EXPIRES, delegations=Delegations({ecdsa.public_key.keyid: ecdsa.public_key}, succinct_roles=bins))
    maker.write_targets("shelf", shelf, ed)
    filled = {role: Targets(1, None, EXPIRES) for role in bins.get_roles()}
    for number in range(40):
        path = f"books/{number}.epub"
        filled[bins.get_role_for_target(path)].targets[path] = maker.target(path, f"book {number}".encode())
    for role, signed in filled.items():
        maker.write_targets(role, signed, ecdsa)

    top = Targets(7, None, EXPIRES)
    top.targets["system/index"] = maker.target("system/index", b"the image's index")
    roles = {
        "team": DelegatedRole("team", [ecdsa.public_key.keyid], 1, False, ["packs/*"]),
        "shelf": DelegatedRole("shelf", [ed.public_key.keyid], 1, True, ["books/*"]),
    }
    keys = {signer.public_key.keyid: signer.public_key for signer in (ecdsa, ed)}
    top.delegations = Delegations(keys, roles)
    maker.write_targets("targets", top, ed)
    maker.write("5.snapshot.json", Snapshot(5, None, EXPIRES, maker.meta), pkcs)
    maker.write("timestamp.json", Timestamp(9, None, EXPIRES, MetaFile(5)), ecdsa)


class Folder(FetcherInterface):
    """Reads from a folder instead of a server."""

    def _fetch(self, url: str):
        path = Path(unquote(urlparse(url).path))
        if not path.is_file():
            raise DownloadHTTPError("not there", 404)
        yield path.read_bytes()


def read(folder: Path, targets: list[str]) -> int:
    with tempfile.TemporaryDirectory() as own:
        updater = Updater(
            metadata_dir=own,
            metadata_base_url=f"file://{folder}/metadata/",
            target_dir=own,
            target_base_url=f"file://{folder}/targets/",
            fetcher=Folder(),
            bootstrap=(folder / "metadata/1.root.json").read_bytes(),
        )
        try:
            updater.refresh()
            for path in targets:
                info = updater.get_targetinfo(path)
                if info is None:
                    print(f"nobody offers {path}", file=sys.stderr)
                    return 1
                print(Path(updater.download_target(info)).read_bytes().hex())
        except RepositoryError as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            return 1
    return 0


def main() -> int:
    match sys.argv[1:]:
        case ["make", folder]:
            make(Path(folder))
            return 0
        case ["read", folder, *targets]:
            return read(Path(folder), targets)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
