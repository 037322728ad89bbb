#!/usr/bin/env python3
"""Makes the seed corpora of the fuzz targets: small files, each with one thing in it, sound and
broken. Usage: make_seeds.py [FOLDER], by default corpus/ beside this script. The same files every
time; those are in the repository."""
import json
import pathlib
import struct
import sys
import zlib


def quantity(value):
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, (value & 0x7F) | 0x80)
    return bytes(out)


def meta(kind, data=b"", delta=0):
    return quantity(delta) + bytes([0xFF, kind]) + quantity(len(data)) + data


def event(delta, *data):
    return quantity(delta) + bytes(data)


def note(channel, pitch, length, velocity=80, delta=0):
    return event(delta, 0x90 | channel, pitch, velocity) + event(length, 0x80 | channel, pitch, 64)


END = meta(0x2F)


def chunk(body, name=b"MTrk", length=None):
    return name + struct.pack(">I", len(body) if length is None else length) + body


def header(fmt, tracks, division, length=6):
    return b"MThd" + struct.pack(">IHHH", length, fmt, tracks, division)


def song(fmt, division, *bodies):
    return header(fmt, len(bodies), division) + b"".join(chunk(b + END) for b in bodies)


def tag(text, delta=0):
    return meta(0x01, b"incipit:" + text.encode(), delta)


CONDUCTOR = (meta(0x03, b"Song") + meta(0x51, bytes.fromhex("07a120")) +
             meta(0x58, bytes([6, 3, 36, 8])) + meta(0x59, bytes([0xFD, 1])) +
             meta(0x06, b"Verse", 480) + meta(0x51, bytes.fromhex("0f4240"), 480))
SCALE = b"".join(note(0, p, 240) for p in (60, 62, 64, 65, 67, 69, 71, 72))


def midi():
    yield "format0", song(0, 480, CONDUCTOR + SCALE)
    yield "format0_programs", song(0, 96, event(0, 0xC0, 5) + SCALE + event(0, 0xC0, 40) + SCALE +
                                   note(9, 36, 24))
    yield "format0_sixteen", song(0, 96, b"".join(event(0, 0xC0 | c, c) + note(c, 60, 24)
                                                  for c in range(16)) +
                                  event(0, 0xC0, 99) + note(0, 61, 24))
    yield "format1", song(1, 96, CONDUCTOR, meta(0x03, b"Lead") + SCALE,
                          meta(0x03, b"Bass") + event(0, 0xC1, 33) + note(1, 36, 960))
    yield "format1_channels", song(1, 1024, CONDUCTOR, note(0, 60, 9) + note(3, 60, 9) +
                                   note(9, 36, 9))
    yield "format1_setup", song(1, 480, b"".join(event(0, 0xB0 | c, 7, 90) + event(0, 0xC0 | c, c)
                                                 for c in range(16)), SCALE, note(2, 60, 5))
    yield "format2", song(2, 24, CONDUCTOR + SCALE, SCALE, meta(0x51, bytes.fromhex("030d40")) +
                          SCALE)
    yield "running_status", song(1, 480, event(0, 0x90, 60, 80) + event(10, 62, 80) +
                                 event(10, 60, 0) + event(10, 62, 0))
    yield "overlap", song(1, 480, event(0, 0x90, 60, 80) + event(10, 0x90, 60, 90) +
                          event(10, 0x80, 60, 0) + event(10, 0x80, 60, 0))
    yield "zero_length", song(1, 480, note(0, 60, 0) + note(0, 60, 0) + note(0, 60, 10))
    yield "unended", song(1, 480, event(0, 0x90, 60, 80) + event(0, 0x91, 60, 80) + SCALE)
    yield "controllers", song(1, 480, event(0, 0xB0, 0, 1) + event(0, 0xB0, 32, 2) +
                              event(0, 0xC0, 7) + event(0, 0xB0, 7, 70) + event(0, 0xB0, 10, 20) +
                              event(0, 0xB0, 101, 0) + event(0, 0xB0, 100, 0) +
                              event(0, 0xB0, 6, 12) + event(5, 0xE0, 0, 70) + event(5, 0xD0, 50) +
                              event(5, 0xA0, 60, 70) + SCALE + event(5, 0xB0, 64, 127) +
                              event(5, 0xC0, 9) + event(5, 0xB0, 123, 0))
    yield "sysex", song(1, 480, event(0, 0xF0, 5, 0x7E, 0x7F, 9, 1, 0xF7) +
                        event(5, 0xF0, 3, 0x43, 0x12, 0) + event(5, 0xF7, 2, 1, 2) +
                        event(5, 0xF7, 1, 0xF7) + SCALE)
    yield "texts", song(1, 480, b"".join(meta(k, b"text %d" % k) for k in range(0, 16)) +
                        meta(0x20, b"\x03") + meta(0x21, b"\x01") + meta(0x54, bytes(5)) +
                        meta(0x7F, b"\x7d\x01") + SCALE)
    yield "latin1", song(1, 480, meta(0x03, b"Fl\xf6te\x00") + meta(0x06, b"\x80 caf\xe9") + SCALE)
    yield "rest_at_end", song(1, 480, CONDUCTOR, SCALE + meta(0x06, b"", 0)) [:-4] + \
        b"\x8f\x00\xff\x2f\x00"
    yield "smpte25", song(1, 0xE728, SCALE)
    yield "smpte29", song(1, 0xE350, SCALE + meta(0x51, bytes.fromhex("0f4240"), 480))
    yield "division_one", song(1, 1, SCALE)
    yield "division_largest", song(1, 32767, SCALE)
    yield "tagged", song(1, 960, tag('{"document":{"division":96}}'),
                         meta(0x03, b"Own") +
                         tag('{"track":{"channel":3,"colour":"#102030","mute":true,"solo":true,'
                             '"notes":3,"locked":[[0,1],[2,1]],'
                             '"overlaps":[[0,60,100,80,64],[0,60,50,90,64]]}}') +
                         tag('{"region":{"order":0,"to":960,"model":"ab","settings":"{}",'
                             '"context":"[1]"}}', 5) +
                         note(3, 60, 20) + note(3, 64, 20))
    yield "tag_wrong", song(1, 960, tag('{"track":{"channel":99}}') + tag("{") + tag("") +
                            tag('{"region":{"to":-1}}') + SCALE)
    yield "riff", b"RIFF" + struct.pack("<I", 999) + b"RMIDdata" + struct.pack("<I", 900) + \
        song(1, 480, SCALE)
    yield "alien_chunk", header(1, 1, 480) + chunk(b"hello", b"XFIH") + chunk(SCALE + END)
    yield "long_header", header(1, 1, 480, 8) + b"\x00\x00" + chunk(SCALE + END)
    # Broken from here on.
    yield "broken_no_end", header(1, 1, 480) + chunk(SCALE)
    yield "broken_cut", song(1, 480, CONDUCTOR, SCALE)[:-17]
    yield "broken_short_length", header(1, 2, 480) + chunk(SCALE + END, length=9) + \
        chunk(SCALE + END)
    yield "broken_long_length", header(1, 2, 480) + chunk(SCALE + END, length=70) + \
        chunk(SCALE + END)
    yield "broken_huge_length", header(1, 1, 480) + chunk(SCALE + END, length=0xFFFFFFFF)
    yield "broken_no_header", chunk(SCALE + END)
    yield "broken_text", b"This is not a MIDI file.\n"
    yield "broken_format", song(7, 480, SCALE)
    yield "broken_division", song(1, 0, SCALE)
    yield "broken_smpte", song(1, 0x8000, SCALE)
    yield "broken_count", header(1, 40000, 480) + chunk(SCALE + END)
    yield "broken_quantity", song(1, 480, note(0, 60, 9) + b"\xff\xff\xff\xff\x7f" + SCALE)
    yield "broken_late", song(1, 1, b"".join(note(0, 60, 0x0FFFFFFF) for _ in range(8)))
    yield "broken_meta_length", song(1, 480, SCALE + b"\x00\xff\x01\x8f\xff\xff\x7f")
    yield "broken_running", song(1, 480, b"\x00\x3c\x40" + SCALE)
    yield "broken_data", song(1, 480, event(0, 0x90, 200, 80) + event(0, 0xB0, 7, 200) + SCALE)
    yield "broken_realtime", song(1, 480, event(0, 0xF8) + event(0, 0xF2, 1, 2) + SCALE)
    yield "broken_tempo", song(1, 480, meta(0x51, b"\0\0\0") + meta(0x51, b"\1") + SCALE)
    yield "broken_meter", song(1, 480, meta(0x58, b"\0\2\x18\x08") + meta(0x58, b"\4\xff") +
                               meta(0x58, b"\4\x1e\x18\x08") + meta(0x59, b"\x40\x09") + SCALE)
    yield "broken_garbage_between", header(1, 2, 480) + chunk(SCALE + END) + b"\x00\x01garbage" + \
        chunk(SCALE + END)
    yield "broken_empty_tracks", header(1, 50, 480) + chunk(b"") * 50
    yield "empty", b""


PROJECT = {
    "incipit": "project", "format": 1, "ppq": 960, "division": 96, "next_note": 9,
    "next_track": 3, "from_the_future": {"a": [1, 2.5, None, "x"]},
    "tempo": [[0, 500000], [960, 1000000]], "meter": [[0, 3, 4, 24, 8]], "keys": [[0, -3, 1]],
    "markers": [[0, "V\u00e9rse"]], "raw": [[0, "ff02616263"]],
    "regions": [{"from": 0, "to": 960, "track": 1, "model": "ab", "settings": "{\"seed\":1}",
                 "context": "[]"}],
    "tracks": [{"id": 1, "name": "Piano", "program": 0, "channel": 0, "volume": 100, "pan": 64,
                "mute": False, "solo": True, "colour": "#4c8dff", "reverb": 0.5,
                "lanes": {"64": [[0, 127], [960, 0]], "128": [[0, -8192]]},
                "raw": [[0, "a03c40"]],
                "notes": [[0, 960, 60, 80, 1], [0, 960, 64, 80, 2, 0, 1], [960, 1, 60, 1, 8]]},
               {"id": 2, "name": "", "notes": []}]}


def project():
    text = json.dumps(PROJECT)
    yield "complete", text
    yield "small", '{"format":1}'
    yield "cut", text[:-60]
    yield "cut_in_name", text[:text.index("Piano") + 2]
    yield "newer", '{"incipit":"project","format":2}'
    yield "not_one", '{"a":1}'
    yield "same_ids", text.replace("80, 2,", "80, 1,").replace('"id": 2', '"id": 1')
    yield "limits", '{"format":1,"ppq":0,"division":-7,"next_note":99999999999999999999,' \
        '"meter":[[0,0,3,999,999],[-5,4,1073741824,0,0]],"tempo":[[1e300,0]],"tracks":[{"notes":' \
        '[[1152921504606846976,1,300,0,0],[-1,-1,-1,-1,-1]]}]}'
    yield "deep", '{"format":1,"x":' + "[" * 300 + "]" * 300 + "}"
    yield "escapes", '{"format":1,"markers":[[0,"\\ud83c\\udfb5\\u00e9\\n\\"\\ud800"]]}'


def checkpoint():
    def file(head, data=b""):
        text = head if isinstance(head, bytes) else json.dumps(head).encode()
        return struct.pack("<Q", len(text)) + text + data
    tensor = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
    about = {"format": "incipit-checkpoint-1", "family": "note-lstm", "title": "Seed"}
    yield "complete", file({"__metadata__": about, "w": tensor}, bytes(16))
    yield "cut", file({"__metadata__": about, "w": tensor}, bytes(9))
    yield "no_metadata", file({"w": tensor}, bytes(16))
    yield "outside", file({"w": {**tensor, "data_offsets": [0, 1 << 60]}}, bytes(16))
    yield "backwards", file({"w": {**tensor, "data_offsets": [16, 0]}}, bytes(16))
    yield "large_shape", file({"w": {**tensor, "shape": [1 << 40, 1 << 40]}}, bytes(16))
    yield "not_json", file(b"{", bytes(16))
    yield "huge_header", struct.pack("<Q", 1 << 62) + b"{}"
    yield "empty", b""


def run_history():
    head = '{"run":"incipit-run-1","family":"a","preset":"b","settings":{"units":"64"},"seed":7}\n'
    point = '{"epoch":1,"step":10,"loss":2.5,"validation_loss":2.6,"learning_rate":0.001}\n'
    yield "complete", head + '{"step":0,"message":"m"}\n' + point + '{"step":10,"end":"done"}\n'
    yield "cut", head + point + point[:30]
    yield "cut_in_character", head.encode() + '{"step":1,"message":"é'.encode()[:-1]
    yield "no_head", point
    yield "backwards", head + point + point.replace("10", "5")
    yield "limits", head + '{"epoch":-1e300,"step":99999999999999999999,"loss":null}\n' \
        '{"epoch":4294967296,"step":18446744073709551615,"loss":"x","accuracy":[]}\n'
    yield "deep", head + "[" * 300 + "]" * 300
    yield "other_kinds", '{"run":"incipit-run-1","settings":[1],"seed":-1,"data":{}}\n[]\n1\n""\n'
    yield "empty", ""


def ratings():
    def line(**more):
        return json.dumps({"time": "2026-11-21T15:04:05Z", "model": "m", "family": "f",
                           "preset": "p", "checkpoint": "ab" * 32, "rating": 4, "compared": 3,
                           "seed": "cd" * 32, **more}) + "\n"
    yield "complete", line() + line(rating=1, model="n")
    yield "cut", line() + line()[:40]
    yield "cut_and_gone_on", line()[:40] + "\n" + line()
    yield "out_of_range", line(rating=0) + line(rating=6) + line(compared=0) + line(rating=1e300)
    yield "no_hash", line(checkpoint="xyz") + line(checkpoint="AB" * 32) + line(checkpoint=7)
    yield "other_kinds", '[]\n1\n""\nnull\n{}\n\n\n' + line(model=[1], seed={})
    yield "not_text", line().encode() + b"\xff\xfe\0\n" + line().encode()
    yield "deep", "[" * 300 + "]" * 300
    yield "empty", ""


def comparison():
    bins = {"name": "pitch", "low": 0, "width": 1, "labels": ["a", "b"], "composed": [1, 2],
            "written": [2, 1]}
    model = {"file": "/m.safetensors", "checkpoint": "ab" * 32, "complete": True, "family": "f",
             "preset": "p", "parameters": 7, "training_seconds": 1.5, "loss_unit": "nats/note",
             "loss": 2.5, "accuracy": None, "notes_per_second": 10,
             "metrics": {"polyphony": {"composed": 1.5, "written": None}},
             "distributions": [bins], "figures": {"notes": 3, "x": None}}
    head = {"comparison": "incipit-comparison-1", "date": "2026-11-21T15:04:05Z", "data": "/d",
            "sets": "", "split": "test", "examples": 100, "continuations": 5, "seed": 1}

    def file(*models):
        return json.dumps({**head, "models": models})
    yield "complete", file(model, {**model, "complete": False})
    yield "cut", file(model)[:-40]
    yield "bins_differ", file({**model, "distributions": [
        {**bins, "written": [1]}, {**bins, "labels": ["a"]}, {**bins, "width": 0},
        {**bins, "composed": [-1, 2]}, {**bins, "composed": [1 << 70, 2]}, {}, 3]})
    yield "metrics_differ", file(model, {**model, "metrics": {}}, {**model, "metrics": [1]})
    yield "other_kinds", json.dumps({**head, "examples": "x", "seed": -1, "models": {"a": 1}})
    yield "limits", file({**model, "parameters": -(1 << 63), "loss": 1e308, "accuracy": "x"})
    yield "not_one", '{"a":1}'
    yield "deep", '{"comparison":"incipit-comparison-1","models":' + "[" * 300 + "]" * 300 + "}"
    yield "empty", ""


def midi_input():
    yield "keys", bytes([0x90, 60, 100, 0x80, 60, 64])
    yield "each_kind", bytes([0x91, 1, 2, 0x81, 1, 2, 0xA1, 1, 2, 0xB1, 64, 127, 0xC1, 5, 0xD1, 6,
                              0xE1, 0, 64])
    yield "clock", bytes([0xF2, 16, 1, 0xFB, 0xF8, 0xF8, 0xFC, 0xFA])
    yield "clock_inside", bytes([0x90, 0xF8, 60, 0xFE, 100])
    yield "running_status", bytes([0x90, 1, 2, 3, 4, 5])
    yield "running_status_cut", bytes([60, 100, 0x80, 60])
    yield "endless_sysex", bytes([0xF0, *range(100)])
    yield "sysex", bytes([0xF0, 1, 2, 0xF7, 0x90, 60, 100])
    yield "sensing", bytes([0xFE] * 50)
    yield "undefined", bytes([0xF4, 1, 0xF5, 2, 0xF9, 0xFD, 0xFF, 0xF1, 3, 0xF3, 4, 0xF6, 0xF7])


def png(width, height, colour, rows, interlace=0):
    """colour: 0 grey, 2 colour, 6 with alpha; 8 bits each."""
    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data +
                struct.pack(">I", zlib.crc32(name + data)))
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlace)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def picture():
    grey = b"".join(b"\0" + bytes(255 * (x % 12 < 6 and y % 7 == 0) for x in range(96))
                    for y in range(96))
    yield "ticks", png(96, 96, 0, grey)
    yield "image3", png(200, 88, 0, (b"\1" + bytes(200)) * 88)
    yield "image1", png(200, 88, 6, (b"\4" + bytes(800)) * 88)
    yield "too_few_rows", png(96, 96, 0, grey[:500])
    yield "huge", png(1 << 30, 1 << 30, 6, b"\0")
    yield "interlaced", png(96, 96, 0, grey, 1)
    yield "no_data", png(96, 96, 0, b"")
    yield "cut", png(96, 96, 0, grey)[:-30]
    run = bytes([5, 12, 255])

    def entries(*offsets):
        return b"".join(struct.pack("<QII", o, 0, i) for i, o in enumerate(offsets))
    yield "set", run + run + entries(0, 3) + struct.pack("<Q", 2) + b"INCPIC01"
    yield "set_falls", run + run + entries(0, 30) + struct.pack("<Q", 2) + b"INCPIC01"
    yield "set_counts", run + struct.pack("<Q", 1 << 60) + b"INCPIC01"
    yield "run_too_long", bytes([0, 255, 255, 255, 127, 1])


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                        pathlib.Path(__file__).resolve().parent / "corpus")
    for name, seeds, ending in (("midi", midi(), ".mid"),
                                ("midi_input", midi_input(), ".bin"),
                                ("project", project(), ".incipit"),
                                ("checkpoint", checkpoint(), ".safetensors"),
                                ("run_history", run_history(), ".jsonl"),
                                ("ratings", ratings(), ".jsonl"),
                                ("comparison", comparison(), ".json"),
                                ("picture", picture(), ".bin")):
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        for stem, data in seeds:
            (folder / (stem + ending)).write_bytes(data if isinstance(data, bytes)
                                                   else data.encode())


if __name__ == "__main__":
    main()
