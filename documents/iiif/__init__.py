"""IIIF: documents and folders for viewers of other institutions (Presentation 3, Image 3, Content Search 2).

``access`` knows who may see what at an address, ``image`` what the Image API asks for, ``presentation`` writes what the
other two APIs answer, and ``views`` serves it.
"""
