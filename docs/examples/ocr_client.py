"""A small client of the API: uploads files and prints their text. Needs `pip install requests`.

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
    """One method for each task. Each raises requests.HTTPError with the reason that the server gives."""

    def __init__(self, url: str, token: str) -> None:
        self.api = f"{url.rstrip('/')}/api/v1"
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, url: str, **more) -> requests.Response:
        """Sends a request to a path below the API, or to an address from an answer. Waits if the server asks for it."""
        answer = self.http.request(method, url if url.startswith("http") else f"{self.api}/{url}", timeout=120, **more)
        if answer.status_code == 429:
            time.sleep(int(answer.headers["Retry-After"]))
            return self.ask(method, url, **more)
        if answer.status_code >= 400:
            raise requests.HTTPError(f"{answer.json()['code']}: {answer.json()['detail']}", response=answer)
        return answer

    def upload(self, path: Path, **options: str) -> dict:
        """Uploads a file. If an answer is lost, it tries again; because of the key, the file is taken only once."""
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
        """Asks until OCR of the document is finished."""
        while document["status"] in ("queued", "running"):
            time.sleep(1)
            document = self.ask("GET", document["url"]).json()
        return document

    def export(self, document: dict, suffix: str) -> bytes:
        return self.ask("GET", f"{document['url']}export/{suffix}/").content

    def correct(self, document: dict, page: int, line: dict, text: str) -> dict:
        """Corrects a line of a page; if somebody has changed it since, the server answers 412."""
        url = f"{document['url']}pages/{page}/lines/{line['id']}/"
        return self.ask("PATCH", url, json={"text": text}, headers={"If-Match": f'"{line["version"]}"'}).json()


if __name__ == "__main__":
    ocrsite = Ocrsite(os.environ["OCRSITE_URL"], os.environ["OCRSITE_TOKEN"])
    for document in [ocrsite.upload(Path(name)) for name in sys.argv[1:]]:
        read = ocrsite.wait(document)
        print(f"{read['title']}: {read['status']}, {read['pages_done']} of {read['page_count']} pages")
        print(ocrsite.export(read, "txt").decode())
