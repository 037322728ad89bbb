# Prints what mido reads: one line "start length pitch" a note, in seconds, ordered by start.
import sys

import mido

midi = mido.MidiFile(sys.argv[1])
now = 0.0
sounding = {}
notes = []
for message in midi:  # times in seconds, tempo changes applied
    now += message.time
    if message.type == "note_on" and message.velocity > 0:
        sounding[(message.channel, message.note)] = now
    elif message.type in ("note_off", "note_on"):
        start = sounding.pop((message.channel, message.note), None)
        if start is not None:
            notes.append((start, now - start, message.note))
for start, length, pitch in sorted(notes):
    print(f"{start:.6f} {length:.6f} {pitch}")
