"""Reading text off page images: from a file's bytes to text lines in reading order.

Usable without Django, a queue or a database::

    from recognition import pipeline
    from recognition.engine import load
    from recognition.page import Options

    for page in pipeline.recognise(path, Options(), load()):
        print(page.text)

Nothing here knows the platform around it.
"""
