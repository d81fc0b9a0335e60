// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/waveform.h"

#include <algorithm>
#include <cmath>

#include "models/quantity/diagnosis.h"

namespace addax::detailed {

namespace {

using Value = std::function<std::uint64_t(const View&)>;

// What a count that only grows has grown by in a cycle.
Value growth(Value count) {
  return [count = std::move(count), before = std::uint64_t{0}](const View& view) mutable {
    const std::uint64_t now = count(view);
    const std::uint64_t more = now - before;
    before = now;
    return more;
  };
}

void add_pe(std::vector<Signal>& signals, const std::string& name, std::size_t pe, bool table) {
  signals.push_back({name + ".busy", 1,
                     [more = growth([pe](const View& view) { return view.pes[pe]->steps(); })](
                         const View& view) mutable { return std::uint64_t{more(view) > 0}; }});
  if (table)
    signals.push_back({name + ".building", 1, [pe](const View& view) {
                         const Generator::Build* build = view.pes[pe]->build();
                         return std::uint64_t{build != nullptr && view.cycle < build->end};
                       }});
  signals.push_back({name + ".scaling", 1,
                     [more = growth([pe](const View& view) { return view.pes[pe]->scalings(); })](
                         const View& view) mutable { return std::uint64_t{more(view) > 0}; }});
  signals.push_back({name + ".activations", 32,
                     [pe](const View& view) { return view.pes[pe]->activation_words(); }});
  signals.push_back(
      {name + ".weights", 32, [pe](const View& view) { return view.pes[pe]->weight_words(); }});
  signals.push_back(
      {name + ".sums", 32, [pe](const View& view) { return view.pes[pe]->waiting(); }});
  signals.push_back({name + ".wave", 32, [pe](const View& view) { return view.pes[pe]->wave(); }});
}

bool matches(const char* pattern, const char* name) {
  for (; *pattern != '*'; ++pattern, ++name) {
    if (*pattern != *name) return false;
    if (*pattern == '\0') return true;
  }
  for (;; ++name) {
    if (matches(pattern + 1, name)) return true;
    if (*name == '\0') return false;
  }
}

// For a message: signals of the first PE, and of the last one its name, stand for those of all.
std::string names_in(const std::vector<Signal>& signals) {
  std::string text;
  std::string last;
  for (const Signal& signal : signals) {
    const bool pe = signal.name.rfind("pe[", 0) == 0;
    if (pe) last = signal.name.substr(0, signal.name.find('.'));
    if (!pe || signal.name.rfind("pe[0][0].", 0) == 0) text += signal.name + ", ";
  }
  return text + "... to " + last + ", and * for any characters";
}

std::vector<std::string> scopes_of(const std::string& name) {
  std::vector<std::string> scopes;
  std::size_t begin = 0;
  for (std::size_t dot; (dot = name.find('.', begin)) != std::string::npos; begin = dot + 1)
    scopes.push_back(name.substr(begin, dot - begin));
  return scopes;
}

// Short names of signals within the file: printable characters.
std::string code_of(std::size_t index) {
  constexpr std::size_t kFirst = '!', kNumber = '~' - '!' + 1;
  std::string code;
  do {
    code += static_cast<char>(kFirst + index % kNumber);
    index /= kNumber;
  } while (index > 0);
  return code;
}

void write_value(std::ostream& stream, std::uint64_t value, unsigned bits,
                 const std::string& code) {
  if (bits == 1) {
    stream << value << code << '\n';
    return;
  }
  std::string digits;
  for (; value > 1; value /= 2) digits += value % 2 == 1 ? '1' : '0';
  digits += value == 1 ? '1' : '0';
  std::reverse(digits.begin(), digits.end());
  stream << 'b' << digits << ' ' << code << '\n';
}

}  // namespace

std::vector<Signal> signals_of(const mapping::ArrayShape& shape) {
  std::vector<Signal> signals;
  const auto carried = [&](const char* name, auto flow) {
    signals.push_back({std::string("network.") + name + ".bits", 32,
                       growth([flow](const View& view) { return flow(view).bits(); })});
  };
  carried("activation", [](const View& view) -> const Flow& { return view.activations.flow(); });
  carried("weight", [](const View& view) -> const Flow& { return view.weights.flow(); });
  carried("psum", [](const View& view) -> const Flow& { return view.returns.flow(); });
  carried("output", [](const View& view) -> const Flow& { return view.collector.flow(); });
  signals.push_back(
      {"buffer.stream.left", 32, [](const View& view) { return view.stream.left(); }});
  signals.push_back(
      {"buffer.resident.left", 32, [](const View& view) { return view.resident.left(); }});
  signals.push_back(
      {"dram.passes_asked", 32, [](const View& view) { return view.loader.asked(); }});
  signals.push_back(
      {"dram.passes_loaded", 32, [loaded = std::uint64_t{0}](const View& view) mutable {
         while (view.loader.there(loaded, view.cycle)) ++loaded;
         return loaded;
       }});
  signals.push_back(
      {"dram.passes_ended", 32, [](const View& view) { return view.loader.ended(); }});
  for (std::size_t row = 0; row < shape.rows; ++row)
    for (std::size_t column = 0; column < shape.columns; ++column)
      add_pe(signals, "pe[" + std::to_string(row) + "][" + std::to_string(column) + "]",
             row * shape.columns + column, shape.readers > 0);
  return signals;
}

std::vector<Signal> matching(const std::vector<Signal>& signals,
                             const std::vector<std::string>& patterns) {
  std::vector<bool> chosen(signals.size(), false);
  for (const std::string& pattern : patterns) {
    bool any = false;
    for (std::size_t i = 0; i < signals.size(); ++i) {
      if (!matches(pattern.c_str(), signals[i].name.c_str())) continue;
      chosen[i] = any = true;
    }
    if (!any) throw quantity::Impossible({"--signals", pattern, names_in(signals)});
  }
  std::vector<Signal> some;
  for (std::size_t i = 0; i < signals.size(); ++i)
    if (chosen[i]) some.push_back(signals[i]);
  return some;
}

Waveform::Waveform(std::ostream& stream, std::vector<Signal> signals, quantity::Hertz clock,
                   const std::string& title)
    : stream_(stream) {
  for (Signal& signal : signals) traced_.push_back({std::move(signal), code_of(traced_.size()), 0});
  // The coarsest unit in which a cycle is a whole number; else the finest, with times rounded.
  const char* unit = "";
  for (const auto& [name, per_second] : {std::pair{"1 ns", 1e9}, {"1 ps", 1e12}, {"1 fs", 1e15}}) {
    unit = name;
    period_ = per_second / clock.value();
    const double whole = std::round(period_);
    if (whole >= 1.0 && std::abs(period_ - whole) < 1e-9 * whole) {
      period_ = whole;
      break;
    }
  }
  header(title, unit);
}

void Waveform::header(const std::string& title, const char* unit) {
  // A dollar would begin a keyword.
  std::string plain = title;
  std::replace(plain.begin(), plain.end(), '$', '_');
  stream_ << "$comment " << plain << " $end\n$timescale " << unit << " $end\n";
  std::vector<std::string> open;
  const auto enter = [&](const std::vector<std::string>& scopes) {
    std::size_t same = 0;
    while (same < open.size() && same < scopes.size() && open[same] == scopes[same]) ++same;
    for (; open.size() > same; open.pop_back()) stream_ << "$upscope $end\n";
    for (; open.size() < scopes.size(); open.push_back(scopes[open.size()]))
      stream_ << "$scope module " << scopes[open.size()] << " $end\n";
  };
  for (const Traced& traced : traced_) {
    const std::string& name = traced.signal.name;
    enter(scopes_of(name));
    stream_ << "$var wire " << traced.signal.bits << ' ' << traced.code << ' '
            << name.substr(name.rfind('.') + 1) << " $end\n";
  }
  enter({});
  stream_ << "$enddefinitions $end\n";
}

void Waveform::stamp(std::uint64_t cycle) {
  stream_ << '#' << static_cast<std::uint64_t>(std::llround(static_cast<double>(cycle) * period_))
          << '\n';
}

void Waveform::see(const View& view) {
  bool stamped = false;
  for (Traced& traced : traced_) {
    const std::uint64_t value = traced.signal.value(view);
    if (cycles_ > 0 && value == traced.value) continue;
    if (!stamped) stamp(view.cycle);
    stamped = true;
    traced.value = value;
    write_value(stream_, value, traced.signal.bits, traced.code);
  }
  cycles_ = view.cycle + 1;
}

void Waveform::finish() { stamp(cycles_); }

}  // namespace addax::detailed
