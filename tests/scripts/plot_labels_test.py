#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of names, units and ticks in plots of sweeps."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "plot"))
import labels  # noqa: E402  (its folder comes first)


class LabelTest(unittest.TestCase):
    def test_units_have_the_prefix_of_the_data(self):
        for key, values, label, factor in (
                ("energy_j", [0.012, 0.4], "Energy (mJ)", 1e-3),
                ("latency_s", [1e-6, 5e-6], "Latency (µs)", 1e-6),
                ("latency_s", [1e-7, 5e-6], "Latency (ns)", 1e-9),  # the middle of a wide axis
                ("edp_js", [3.0], "Energy-delay product (J s)", 1.0),
                ("area_mm2", [3000.0], "Area (mm$^2$)", 1.0),
                ("cycles", [2e7], r"Cycles (10$^{6}$)", 1e6),
                ("fp16_energy_j", [2.0], "Energy of FP16 (J)", 1.0),
                ("arch.buffer.width_bits", [64, 2048], "Buffer width (bit)", 1.0),
                ("arch.groups.lut.columns", [4], "LUT columns", 1.0),
                ("arch.groups[1].columns", [4], "Groups 1 columns", 1.0),
                ("arch.clock_hz", [2e8, 1e9], "Clock (GHz)", 1e9)):
            scale = labels.Scale(key, values)
            self.assertEqual((scale.label, scale.factor), (label, factor))

    def test_inputs_in_words(self):
        powers = labels.Input("trace.context", [1024, 16384])
        self.assertEqual((powers.label, powers.text(16384)), ("Context (tokens)", "2$^{14}$"))
        banks = labels.Input("arch.buffer.bank_bytes", [1024, 8192])
        self.assertEqual((banks.label, banks.text(8192)), ("Buffer bank size (KiB)", "8"))
        self.assertEqual(labels.Input("run.dataflow", [None, "lut"]).text(None), "any")
        self.assertEqual(labels.Input("arch.rows", [4, None]).text(None), "none")
        self.assertEqual(labels.Input("arch", ["a/b_c.yaml"]).text("a/b_c.yaml"), "b_c")
        self.assertEqual(labels.Input("arch", ["a$b"]).text("a$b"), r"a\$b")
        traces = labels.Input("trace", ["opt-1.3b.decode-64.fp16", "opt-1.3b.decode-128.fp16"], 10)
        self.assertEqual(traces.label, "Trace opt-1.3b.*.fp16")
        self.assertEqual(traces.text("opt-1.3b.decode-64.fp16"), "decode-64")

    def test_a_text_is_broken_between_its_parts(self):
        self.assertEqual(labels.broken("eyeriss / opt-1.3b.decode.fp16", 12),
                         "eyeriss /\nopt-1.3b.\ndecode.fp16")
        self.assertEqual(labels.broken("abcdefgh", 3), "abc\ndef\ngh")

    def test_numbers_for_people(self):
        for value, text in ((0.0098, "0.0098"), (1.25, "1.25"), (1234.5, "1234"), (99999, "99999"),
                            (280799, r"2.81$\times$10$^{5}$"), (0, "0"), (2e-4, r"2$\times$10$^{-4}$")):
            self.assertEqual(labels.digits(value), text)


if __name__ == "__main__":
    unittest.main()
