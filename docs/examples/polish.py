"""ocrsite reads a file, and a language model of yours (Ollama, or any OpenAI-compatible one) proposes corrections.

    export OCRSITE_URL=https://ocr.example.org OCRSITE_TOKEN=ocrsite_...
    export MODEL_URL=http://127.0.0.1:11434/v1 MODEL=qwen3
    python polish.py scan.pdf

Nothing changes by itself: people accept or reject each proposal on the page that is printed at the end.
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
    asked = {
        "model": os.environ["MODEL"],
        "messages": [{"role": "user", "content": PROMPT.format(line=line, before=before)}],
        "max_tokens": 300,
    }
    answer = requests.post(f"{os.environ['MODEL_URL']}/chat/completions", json=asked, timeout=300)
    answer.raise_for_status()
    return answer.json()["choices"][0]["message"]["content"].strip()


def polish(ocrsite: Ocrsite, path: Path) -> None:
    document = ocrsite.wait(ocrsite.upload(path))
    for number in range(1, document["page_count"] + 1):
        found, before = [], ""
        for line in ocrsite.ask("GET", f"{document['url']}pages/{number}/").json()["lines"]:
            text = line["text"]
            if line["confidence"] < DOUBTFUL and (better := polished(text, before)) not in ("", text):
                found.append({"page": number, "line": line["id"], "text": better})
                print(f"{line['id']}: {text} -> {better}")
            before = text
        if found:
            proposals = {"model": os.environ["MODEL"], "proposals": found[:200]}
            for outcome in ocrsite.ask("POST", f"{document['url']}proposals/", json=proposals).json():
                if outcome["code"]:
                    print(f"{outcome['line']} is not taken: {outcome['detail']}")
    print(f"Look through them: {document['html_url']}proposals/")


if __name__ == "__main__":
    polish(Ocrsite(os.environ["OCRSITE_URL"], os.environ["OCRSITE_TOKEN"]), Path(sys.argv[1]))
