"""Optical character recognition: from a file's bytes to text lines in reading order.

It needs no Django, no queue and no database::

    from recognition import pipeline
    from recognition.engine import load
    from recognition.options import Options

    for page in pipeline.recognise(path, Options(), load()):
        print(page.text)

Nothing here knows the platform around it.
"""
