// SPDX-License-Identifier: Apache-2.0
#pragma once

// The equations of docs/physics/published.md once more, by trying everything: nothing of
// models/published is used, so that the two can be held against each other.
namespace addax::tests::reference {

enum class Op { kFc, kMult, kAdd, kShift, kLut };

struct Cost {
  double picojoules = 0.0, seconds = 0.0;
};
/// O[n x m] = I[n x c] W[c x m]: every ordered factorisation n0 n3, m0 m1 m2 m3, c0 c1 c2 is tried.
Cost operation(Op op, long bits, long n, long c, long m);

enum class Weights { kFp16, kOptq, kLutGemm, kShiftAdd };

/// In mJ and s.
struct Sums {
  double mult = 0.0, add = 0.0, shift = 0.0, build = 0.0, lookup = 0.0, seconds = 0.0;
  double energy() const { return mult + add + shift + build + lookup; }
  void plus(const Sums& other, double times);
};
Sums linear(Weights weights, long bits, long inputs, long outputs);

/// An OPT-like model (biases, two layers in the MLP) or a LLaMA-like one. bits 0: mixed.
struct Model {
  bool llama = false;
  long d = 0, f = 0, d_kv = 0, layers = 0, vocabulary = 0;
};
Sums model(const Model& model, Weights weights, long bits);

}  // namespace addax::tests::reference
