"""An image as the OCI archive that a build leaves: its configuration, digest and size, and its files unpacked as a
container has them. Needs no engine. As a program, says what an archive holds."""

import gzip
import io
import json
import os
import shutil
import sys
import tarfile
from pathlib import Path

HIDDEN = ".wh."


class Archive:
    """One image of one architecture."""

    def __init__(self, path):
        self.tar = tarfile.open(path)
        index = json.loads(self._read("index.json"))
        [manifest] = index["manifests"]
        self.digest = manifest["digest"]
        self.manifest = json.loads(self._blob(self.digest))
        image = json.loads(self._blob(self.manifest["config"]["digest"]))
        self.architecture, self.config = image["architecture"], image["config"]
        self.size = sum(layer["size"] for layer in self.manifest["layers"])

    def unpack(self, root):
        """Lays the layers over each other in `root`, with their owners; returns how many bytes the files have."""
        for layer in self.manifest["layers"]:
            data = self._blob(layer["digest"])
            if layer["mediaType"].endswith("gzip"):
                data = gzip.decompress(data)
            with tarfile.open(fileobj=io.BytesIO(data)) as files:
                for member in files:
                    self._lay(files, member, Path(root))
        return sum(f.lstat().st_size for f in Path(root).rglob("*") if f.is_file() and not f.is_symlink())

    @staticmethod
    def _lay(files, member, root):
        path = Path(os.path.normpath(member.name))
        if path.name.startswith(HIDDEN):
            hidden = root / path.parent / path.name.removeprefix(HIDDEN)
            shutil.rmtree(hidden) if hidden.is_dir() else hidden.unlink(missing_ok=True)
        else:
            files.extract(member, root, numeric_owner=True, filter="fully_trusted")

    def _blob(self, digest):
        return self._read("blobs/" + digest.replace(":", "/"))

    def _read(self, name):
        return self.tar.extractfile(name).read()


if __name__ == "__main__":
    for path in sys.argv[1:]:
        image = Archive(path)
        print(f"{path}\n{image.architecture} {image.digest} {image.size / 1e6:.1f} MB compressed")
