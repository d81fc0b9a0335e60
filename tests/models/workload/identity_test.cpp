// SPDX-License-Identifier: Apache-2.0
#include "models/workload/identity.h"

#include <functional>
#include <set>

#include "tests/catch.h"

using namespace addax;
using namespace addax::workload;

namespace {

/// Each change alone gives another identity.
template <class T>
void check_all_differ(const T& plain, const std::vector<std::function<void(T&)>>& changes) {
  std::set<std::string> met = {quantity::Bytes().add(Work(plain)).text()};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    T changed = plain;
    changes[i](changed);
    INFO("change " << i);
    CHECK(met.insert(quantity::Bytes().add(Work(changed)).text()).second);
  }
}

}  // namespace

TEST_CASE("Linear layers that differ in anything but what they are for have different identities") {
  using L = Linear;
  L plain;
  plain.weights = default_format(FormatKind::kTernary, 0);
  check_all_differ<L>(plain, {[](L& l) { ++l.tokens; },
                              [](L& l) { ++l.inputs; },
                              [](L& l) { ++l.outputs; },
                              [](L& l) { ++l.copies; },
                              [](L& l) { l.weights.kind = FormatKind::kInt; },
                              [](L& l) { ++l.weights.bits; },
                              [](L& l) { ++l.weights.planes; },
                              [](L& l) { l.weights.scales.sharing = ScaleSharing::kColumn; },
                              [](L& l) { ++l.weights.scales.group; },
                              [](L& l) { ++l.weights.scales.block_columns; },
                              [](L& l) { ++l.weights.scales.block_rows; },
                              [](L& l) { ++l.weights.scale_terms; },
                              [](L& l) { l.weights.zero_points = !l.weights.zero_points; },
                              [](L& l) { l.weights.packed_trits = !l.weights.packed_trits; },
                              [](L& l) { l.weights.gamma = !l.weights.gamma; },
                              [](L& l) { l.weights.zero_fraction += 1e-12; },
                              [](L& l) { ++l.weights.mantissa_bits; },
                              [](L& l) { ++l.weights.exponent_bits; },
                              [](L& l) { ++l.weights.box; },
                              [](L& l) { l.values = ValueFiles{}; },
                              [](L& l) {
                                l.values = ValueFiles{"f", {}, {}, {}};
                              },
                              [](L& l) {
                                l.values = ValueFiles{"", {"f"}, {}, {}};
                              },
                              [](L& l) {
                                l.values = ValueFiles{"", {}, "f", {}};
                              },
                              [](L& l) {
                                l.values = ValueFiles{"", {}, {}, "f"};
                              },
                              [](L& l) { l.counted_zeros = 0; },
                              [](L& l) { l.counted_zeros = 1; }});
  L other = plain;
  other.role = LinearRole::kHead;
  CHECK(quantity::Bytes().add(Work(other)).text() == quantity::Bytes().add(Work(plain)).text());
}

TEST_CASE("Attention, vector operations and transfers that differ have different identities") {
  const AttentionShape shape{1, 2, 3, 4, 5, 6, {}};
  const auto changed = [](auto change) {
    return [change](Scores& scores) { change(scores.shape); };
  };
  check_all_differ<Scores>({shape}, {changed([](AttentionShape& s) { ++s.batch; }),
                                     changed([](AttentionShape& s) { ++s.heads; }),
                                     changed([](AttentionShape& s) { ++s.kv_heads; }),
                                     changed([](AttentionShape& s) { ++s.head_dim; }),
                                     changed([](AttentionShape& s) { ++s.new_tokens; }),
                                     changed([](AttentionShape& s) { ++s.past; }),
                                     changed([](AttentionShape& s) { s.window = 0; }),
                                     changed([](AttentionShape& s) { s.window = 7; })});
  using E = Elementwise;
  check_all_differ<E>(
      {VectorFunction::kAdd, 1, 2, 3, 4},
      {[](E& e) { e.function = VectorFunction::kMultiply; }, [](E& e) { ++e.rows; },
       [](E& e) { ++e.width; }, [](E& e) { ++e.terms; }, [](E& e) { ++e.parameter_elements; }});
  using T = Transfer;
  check_all_differ<T>({TransferDirection::kFromDram, 1, 16},
                      {[](T& t) { t.direction = TransferDirection::kToDram; },
                       [](T& t) { ++t.elements; }, [](T& t) { ++t.element_bits; }});
  const auto text = [](const Work& work) { return quantity::Bytes().add(work).text(); };
  CHECK(text(Scores{shape}) != text(Softmax{shape}));
  CHECK(text(Softmax{shape}) != text(Context{shape}));
}
