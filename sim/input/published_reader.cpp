// SPDX-License-Identifier: Apache-2.0
#include "sim/input/published_reader.h"

#include <algorithm>
#include <set>

#include "sim/input/config_path.h"
#include "sim/input/document.h"

namespace addax::input {
namespace {

using reproduction::Figure;
using reproduction::Measure;
using reproduction::Note;
using reproduction::Source;

constexpr double kLargestFigure = 1e12;
constexpr std::uint64_t kLargestSize = 1U << 24U;
constexpr std::size_t kLongestText = 2000;

std::string filled_text(const Value& value) {
  std::string text = value.text();
  if (text.size() > kLongestText) value.fail("at most " + std::to_string(kLongestText) + " bytes");
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) value.fail("text that is not empty");
  return text;
}

std::uint64_t size(const Value& map, const char* key) {
  return map.at(key).integer(1, kLargestSize);
}

published::Shape shape(const std::string& name, const Value& value) {
  value.allow_only({"hidden", "ffn", "layers", "vocabulary", "kv_width", "gated_mlp", "biases"});
  published::Shape shape;
  shape.name = name;
  shape.hidden = size(value, "hidden");
  shape.query_width = shape.hidden;
  shape.embedding_width = shape.hidden;
  shape.kv_width = size(value, "kv_width");
  shape.vocabulary = size(value, "vocabulary");
  shape.gated_mlp = value.at("gated_mlp").boolean();
  const bool biases = value.at("biases").boolean();
  shape.qkv_bias = biases;
  shape.output_bias = biases;
  shape.mlp_bias = biases;
  shape.blocks.push_back({size(value, "layers"), size(value, "ffn"), 1, 0});
  return shape;
}

std::vector<std::string> words_of(const Value& list, const std::vector<std::string>& allowed) {
  std::vector<std::string> words;
  for (const Value& each : list.list()) {
    words.push_back(each.word(allowed));
    if (std::count(words.begin(), words.end(), words.back()) > 1) each.fail("each word once");
  }
  if (words.empty()) list.fail("a list that is not empty, or no list for all");
  return words;
}

Measure measure_of(const Value& value) {
  std::vector<std::string> words;
  for (int i = 0; i <= static_cast<int>(Measure::kPerplexity); ++i)
    words.emplace_back(name(static_cast<Measure>(i)));
  return *reproduction::parse_measure(value.word(words));
}

bool is_ratio(Measure measure) {
  return measure == Measure::kUnitEnergyRatio || measure == Measure::kUnitAreaRatio;
}

void check_subject(Measure measure, const std::string& subject, const Value& place) {
  const auto refuse = [&](const std::string& allowed) {
    place.fail(quantity::Diagnosis{"", subject, allowed});
  };
  if (!reproduction::is_of_unit(measure)) {
    if (!reproduction::parse_scheme(subject))
      refuse(
          "a row named fp16, or METHOD_Nbit or METHOD_mixed, METHOD being optq, lutgemm or "
          "shiftadd and N from 1 to 8");
    return;
  }
  const std::size_t between = subject.find(" / ");
  if (is_ratio(measure) != (between != std::string::npos))
    refuse(is_ratio(measure) ? "a row named by two units, as 'int32.multiply / int32.add'"
                             : "a row named by one unit, as 'fp16.multiply'");
}

class Tables {
 public:
  explicit Tables(Source& source) : source_(source) {
    for (const auto& each : source.shapes) models_.push_back(each.first);
  }

  void read(const Value& value) {
    value.allow_only({"table", "measure", "unit", "label", "counted", "models", "rows"});
    Figure common;
    common.table = filled_text(value.at("table"));
    common.measure = measure_of(value.at("measure"));
    common.unit = value.at("unit").word(reproduction::printed_units(common.measure));
    if (const auto counted = value.find("counted")) common.counted = counted->boolean();
    const auto label = value.find("label");
    const std::string suffix = label ? " " + filled_text(*label) : "";
    const bool of_unit = reproduction::is_of_unit(common.measure);
    if (of_unit)
      if (const auto models = value.find("models")) models->fail("no models for hardware units");
    std::vector<std::string> models;
    if (!of_unit) models = words_of(value.at("models"), models_);
    for (const auto& [subject, cells] : value.at("rows").entries()) {
      check_subject(common.measure, subject, cells);
      common.subject = subject;
      common.row = subject + suffix;
      of_unit ? add(common, cells) : add(common, models, cells);
    }
  }

 private:
  void add(const Figure& common, const std::vector<std::string>& models, const Value& cells) {
    const std::vector<Value> list = cells.list();
    if (list.size() != models.size())
      cells.fail(quantity::Diagnosis{"", std::to_string(list.size()) + " numbers",
                                     std::to_string(models.size()) + ", one a model"});
    for (std::size_t i = 0; i < list.size(); ++i) {
      Figure figure = common;
      figure.model = models[i];
      add(std::move(figure), list[i]);
    }
  }

  void add(Figure figure, const Value& cell) {
    figure.value = cell.number(0.0, kLargestFigure);
    figure.printed = cell.text();
    // The digits after the point decide what equals the figure.
    if (figure.printed.find_first_of("eE") != std::string::npos || figure.value == 0.0)
      cell.fail("a number above 0 with the printed digits, without an exponent");
    if (!known_.insert({figure.table, figure.model, figure.row}).second)
      cell.fail("one number for a table, model and row");
    source_.figures.push_back(std::move(figure));
  }

  Source& source_;
  std::vector<std::string> models_;
  std::set<std::vector<std::string>> known_;
};

std::vector<std::string> distinct(const Source& source, std::string Figure::*member) {
  std::set<std::string> words;
  for (const Figure& figure : source.figures)
    if (!(figure.*member).empty()) words.insert(figure.*member);
  return {words.begin(), words.end()};
}

Note note(const Value& value, const Source& source) {
  value.allow_only({"number", "tables", "models", "rows", "text", "explains_within_percent",
                    "shape", "only_cut", "nothing_of_ours", "tolerance_percent"});
  Note note;
  note.number = value.at("number").integer32(1, 1000);
  note.text = filled_text(value.at("text"));
  const auto filter = [&](const char* key, std::string Figure::*member) {
    const auto list = value.find(key);
    return list ? words_of(*list, distinct(source, member)) : std::vector<std::string>();
  };
  note.tables = filter("tables", &Figure::table);
  note.models = filter("models", &Figure::model);
  note.rows = filter("rows", &Figure::row);
  if (const auto bound = value.find("explains_within_percent"))
    note.explains_within_percent = bound->number(0.0, 100.0);
  if (const auto only_cut = value.find("only_cut")) note.only_cut = only_cut->boolean();
  if (const auto nothing = value.find("nothing_of_ours")) note.nothing_of_ours = nothing->boolean();
  if (const auto shape = value.find("shape")) {
    if (note.explains_within_percent)
      shape->fail("a shape or explains_within_percent, not both in one note");
    shape->allow_only({"kv_width"});
    note.shape = reproduction::ShapeChange{size(*shape, "kv_width")};
  }
  return note;
}

void add_note(const Value& value, Source& source) {
  source.notes.push_back(note(value, source));
  const auto tolerance = value.find("tolerance_percent");
  bool any = false;
  for (Figure& figure : source.figures) {
    if (!applies(source.notes.back(), figure)) continue;
    any = true;
    if (source.notes.back().shape && figure.measure != Measure::kModelEnergy)
      value.at("shape").fail("a shape only for energies of models");
    if (tolerance) figure.tolerance_percent = tolerance->number(0.0, 100.0);
  }
  if (!any) value.fail("a note whose tables, models and rows meet in a figure");
}

// A shape that the search of tilings cannot use is found before anything is computed.
void check_tables_fit(const Value& shapes, const Source& source) {
  for (const auto& [name, each] : source.shapes) {
    if (each.hidden % published::kKeyBits != 0)
      shapes.at(name).at("hidden").fail("a multiple of 8, the bits of a table's key");
    if (each.blocks.front().ffn % published::kKeyBits != 0)
      shapes.at(name).at("ffn").fail("a multiple of 8, the bits of a table's key");
  }
}

}  // namespace

reproduction::Source read_published(const std::string& path_or_name, std::string* bytes_for_hash) {
  const Document document = Document::read(config_path("published", path_or_name));
  if (bytes_for_hash != nullptr) *bytes_for_hash = document.bytes();
  const Value root = document.root();
  root.allow_only({"addax", "name", "title", "reference", "shapes", "tables", "notes"});
  root.at("addax").word({"published/1"});
  Source source;
  source.name = filled_text(root.at("name"));
  source.title = filled_text(root.at("title"));
  source.reference = filled_text(root.at("reference"));
  for (const auto& [name, each] : root.at("shapes").entries())
    source.shapes.emplace(name, shape(name, each));
  check_tables_fit(root.at("shapes"), source);
  Tables tables(source);
  for (const Value& each : root.at("tables").list()) tables.read(each);
  if (source.figures.empty()) root.at("tables").fail("at least one figure");
  if (const auto notes = root.find("notes"))
    for (const Value& each : notes->list()) add_note(each, source);
  return source;
}

}  // namespace addax::input
