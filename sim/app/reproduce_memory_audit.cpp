// SPDX-License-Identifier: Apache-2.0
#include "sim/app/method_run.h"
#include "sim/app/reproduce_modes.h"
#include "sim/input/model_reader.h"
#include "sim/report/memory_audit.h"

namespace addax::app {

int reproduce_memory_audit(const ReproduceRequest& request) {
  const CommandLine& line = request.line;
  const std::string name = audited_model(line);
  const ModelToken token = model_tokens(line, {name}).front();
  Outputs outputs(line, {"json", "csv", "latex"},
                  {{"SOURCE", request.source_path}, {"--model", input::model_path(name)}});
  const reproduction::MemoryAudit audit =
      reproduction::audit_memory(request.source, token.model, token.context);
  const report::MemoryAuditReport result{request.source, audit, request.origin};

  outputs.add("json", [&](std::ostream& stream) { report::memory_audit_json(stream, result); });
  outputs.add("csv", [&](std::ostream& stream) { report::memory_audit_csv(stream, result); });
  outputs.add("latex", [&](std::ostream& stream) { stream << report::memory_audit_latex(result); });
  if (!line.has("quiet")) outputs.add_text([&] { return report::memory_audit_text(result); });
  outputs.commit();
  return 0;
}

}  // namespace addax::app
