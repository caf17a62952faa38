"""A small client of the API: reads files, and prints or corrects what was read. Needs `pip install requests`.

export OCRSITE_URL=https://ocr.example.org OCRSITE_TOKEN=ocrsite_...
python ocr_client.py scan.pdf photo.jpg
"""

import os
import sys
import time
import uuid
from pathlib import Path

import requests


class Ocrsite:
    """One method for each thing that one does; each raises requests.HTTPError with the server's reason."""

    def __init__(self, url: str, token: str) -> None:
        self.api = f"{url.rstrip('/')}/api/v1"
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, url: str, **more) -> requests.Response:
        """A request; an address may also be one that the server gave. Waits where it asks to."""
        answer = self.http.request(method, url if url.startswith("http") else f"{self.api}/{url}", timeout=120, **more)
        if answer.status_code == 429:
            time.sleep(int(answer.headers["Retry-After"]))
            return self.ask(method, url, **more)
        if answer.status_code >= 400:
            raise requests.HTTPError(f"{answer.json()['code']}: {answer.json()['detail']}", response=answer)
        return answer

    def upload(self, path: Path, **options: str) -> dict:
        """Sends a file. Lost answers do no harm: with its key, the same upload is taken in once."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        content = path.read_bytes()
        for attempt in range(3):
            try:
                files = {"file": (path.name, content)}
                return self.ask("POST", "documents/", files=files, data=options, headers=key).json()[0]
            except requests.ConnectionError:
                time.sleep(2**attempt)
        raise requests.ConnectionError(f"{path} could not be sent")

    def wait(self, document: dict) -> dict:
        """Asks until the document has been read."""
        while document["status"] in ("queued", "running"):
            time.sleep(1)
            document = self.ask("GET", document["url"]).json()
        return document

    def export(self, document: dict, suffix: str) -> bytes:
        return self.ask("GET", f"{document['url']}export/{suffix}/").content

    def correct(self, document: dict, page: int, line: dict, text: str) -> dict:
        """Corrects a line as it was seen; if somebody else was quicker, the server answers 412."""
        url = f"{document['url']}pages/{page}/lines/{line['id']}/"
        return self.ask("PATCH", url, json={"text": text}, headers={"If-Match": f'"{line["version"]}"'}).json()


if __name__ == "__main__":
    ocrsite = Ocrsite(os.environ["OCRSITE_URL"], os.environ["OCRSITE_TOKEN"])
    for document in [ocrsite.upload(Path(name)) for name in sys.argv[1:]]:
        read = ocrsite.wait(document)
        print(f"{read['title']}: {read['status']}, {read['pages_done']} of {read['page_count']} pages")
        print(ocrsite.export(read, "txt").decode())
