"""ocrsite reads a file, and a language model on your own machine (Ollama) corrects the lines with low confidence.

    export OCRSITE_URL=https://ocr.example.org OCRSITE_TOKEN=ocrsite_...
    export OLLAMA_URL=http://127.0.0.1:11434 OLLAMA_MODEL=qwen3
    python polish.py scan.pdf

The answers of the model are saved as corrections: the OCR text is kept, and you can undo each of them.
"""

import os
import sys
from pathlib import Path

import requests
from ocr_client import Ocrsite

DOUBTFUL = float(os.environ.get("DOUBTFUL", "0.9"))
PROMPT = "改正以下 OCR 文字中的錯字，只回覆改正後的文字，不要解釋：\n\n上文：{before}\n此行：{line}"


def polished(line: str, before: str) -> str:
    """The line as the model corrects it, given the line before."""
    prompt = PROMPT.format(line=line, before=before)
    asked = {"model": os.environ["OLLAMA_MODEL"], "prompt": prompt, "stream": False}
    answer = requests.post(f"{os.environ['OLLAMA_URL']}/api/generate", json=asked, timeout=300)
    answer.raise_for_status()
    return answer.json()["response"].strip()


def polish(ocrsite: Ocrsite, path: Path) -> None:
    document = ocrsite.wait(ocrsite.upload(path))
    for number in range(1, document["page_count"] + 1):
        before = ""
        for line in ocrsite.ask("GET", f"{document['url']}pages/{number}/").json()["lines"]:
            text = line["text"]
            if line["confidence"] < DOUBTFUL and (better := polished(text, before)) not in ("", text):
                ocrsite.correct(document, number, line, better)
                print(f"{line['id']}: {text} -> {better}")
            before = text
    print(f"Look through it: {document['html_url']}")


if __name__ == "__main__":
    polish(Ocrsite(os.environ["OCRSITE_URL"], os.environ["OCRSITE_TOKEN"]), Path(sys.argv[1]))
