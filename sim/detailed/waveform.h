// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "models/mapping/dataflow.h"
#include "sim/detailed/observer.h"

namespace addax::detailed {

/// Something that has a value in every cycle.
struct Signal {
  std::string name;  ///< with dots between scopes: "pe[0][3].busy"
  unsigned bits = 32;
  std::function<std::uint64_t(const View&)> value;  ///< called once a cycle
};

/// All signals of a chip whose array has this shape; docs/formats/waveform.md lists them.
std::vector<Signal> signals_of(const mapping::ArrayShape& shape);

/// Those of `signals` that one of the patterns matches; * stands for any characters, also for none.
/// Throws quantity::Impossible (path "--signals") for a pattern that matches none.
std::vector<Signal> matching(const std::vector<Signal>& signals,
                             const std::vector<std::string>& patterns);

/// Writes signals as a value change dump (IEEE 1364, VCD): the value of a cycle stands from its
/// beginning to its end. The same run gives the same bytes.
class Waveform final : public Observer {
 public:
  /// A clock of `clock` gives the time of a cycle; `title` is a comment on top.
  Waveform(std::ostream& stream, std::vector<Signal> signals, quantity::Hertz clock,
           const std::string& title);
  void see(const View& view) override;
  /// Ends the last cycle.
  void finish();

 private:
  struct Traced {
    Signal signal;
    std::string code;
    std::uint64_t value = 0;
  };
  void header(const std::string& title, const char* unit);
  void stamp(std::uint64_t cycle);

  std::ostream& stream_;
  std::vector<Traced> traced_;
  double period_ = 1.0;  ///< of the clock, in units of the timescale
  std::uint64_t cycles_ = 0;
};

}  // namespace addax::detailed
