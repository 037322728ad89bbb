#!/usr/bin/env python3
"""Writes demo-seed.mid: eight bars for piano in D major, composed for Incipit, that end on an open
dominant so that a model has something to answer. Free to use under the program's licence.

Usage: make_demo_seed.py [OUT.mid]
"""
import struct
import sys

PPQ = 480
E, Q, H = PPQ // 2, PPQ, PPQ * 2
NAMES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def key(name):
    """'F#5' as a MIDI key; middle C is C4."""
    sharp = name[1:2] == "#"
    return NAMES[name[0]] + sharp + 12 * (int(name[-1]) + 1)


# The tune: (note, length) bar by bar, and how strong each bar is.
TUNE = [
    ([("F#5", Q + E), ("E5", E), ("D5", Q), ("A4", Q)], 78),
    ([("B4", Q + E), ("C#5", E), ("D5", H)], 74),
    ([("B4", E), ("D5", E), ("G5", Q + E), ("F#5", E), ("E5", Q)], 82),
    ([("E5", H), ("C#5", Q), ("E5", Q)], 76),
    ([("F#5", Q + E), ("G5", E), ("A5", Q), ("F#5", Q)], 88),
    ([("G5", Q + E), ("F#5", E), ("D5", H)], 84),
    ([("E5", Q), ("G5", Q), ("F#5", E), ("E5", E), ("D5", E), ("B4", E)], 80),
    ([("D5", H), ("C#5", H)], 72),
]
# Broken chords under it, eight eighths a bar: bass, fifth, tenth and what lies between.
LEFT = [
    ["D3", "A3", "F#4", "A3", "D4", "A3", "F#4", "A3"],
    ["B2", "F#3", "D4", "F#3", "B3", "F#3", "D4", "F#3"],
    ["G2", "D3", "B3", "D3", "G3", "D3", "B3", "D3"],
    ["A2", "E3", "C#4", "E3", "A3", "E3", "C#4", "E3"],
    ["F#2", "C#3", "A3", "C#3", "F#3", "C#3", "A3", "C#3"],
    ["G2", "D3", "B3", "D3", "F#3", "D3", "B3", "D3"],
    ["E2", "B2", "G3", "B2", "D3", "B2", "G3", "B2"],
    ["A2", "E3", "D4", "E3", "A2", "E3", "C#4", "G3"],
]


def events():
    """(tick, order, bytes): note-offs before note-ons of one tick."""
    out = []

    def add(start, length, name, velocity):
        out.append((start, 1, bytes([0x90, key(name), velocity])))
        out.append((start + length - 12, 0, bytes([0x80, key(name), 64])))

    for bar, ((notes, strength), chord) in enumerate(zip(TUNE, LEFT)):
        at = bar * 4 * Q
        for i, (name, length) in enumerate(notes):
            add(at, length, name, strength + (4 if i == 0 else 0) - (3 if length == E else 0))
            at += length
        for i, name in enumerate(chord):
            add(bar * 4 * Q + i * E, E, name, strength - (18 if i == 0 else 26))
    return sorted(out)


def variable(n):
    out = [n & 0x7F]
    while n := n >> 7:
        out.append(0x80 | (n & 0x7F))
    return bytes(reversed(out))


def main():
    body = b"\x00\xff\x03\x05Piano"
    body += b"\x00\xff\x51\x03" + struct.pack(">I", 60_000_000 // 88)[1:]
    body += b"\x00\xff\x58\x04\x04\x02\x18\x08" + b"\x00\xff\x59\x02\x02\x00" + b"\x00\xc0\x00"
    now = 0
    for tick, _, data in events():
        body += variable(tick - now) + data
        now = tick
    body += variable(8 * 4 * Q - now) + b"\xff\x2f\x00"
    with open(sys.argv[1] if len(sys.argv) > 1 else "demo-seed.mid", "wb") as f:
        f.write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, PPQ))
        f.write(b"MTrk" + struct.pack(">I", len(body)) + body)


main()
