// Names of layers: classes, and the instance names Keras would give.
#pragma once

#include "compiler/check/elaboration.h"
#include "compiler/layers/unsupported.h"

namespace strata::check {

// Reports a layer of Keras that Strata will not have.
void ReportUnsupported(Diagnostics& diagnostics, Span span, const UnsupportedLayer& layer);

// Reports a class name that is neither in the vocabulary nor a future layer of it.
void ReportUnknownLayer(FileContext& context, Span span, std::string_view name,
                        const std::vector<std::string_view>& variables);
// Reports the name of another library or language, with what to write for it; false if it is none that is known.
bool ReportForeign(FileContext& context, Span span, std::string_view name);
// `scope_names`: what could have been meant.
void ReportUnknownName(FileContext& context, Span span, std::string_view name,
                       const std::vector<std::string_view>& scope_names);

// The name of a new instance: `given` if the program names it, else the class in snake case with a counter. Reports a
// name that another layer of the model has.
std::string NameLayer(Elaboration& model, const LayerDef& def, const std::optional<std::string>& given, Span given_span,
                      Span name_span, Diagnostics& diagnostics);

}  // namespace strata::check
