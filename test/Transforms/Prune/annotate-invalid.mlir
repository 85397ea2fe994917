// RUN: split-file %s %t
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate 2>&1 | FileCheck %s --check-prefix=NEITHER
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='recipe=%t/glob.yaml pattern=2:4' 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='recipe=%t/glob.yaml mask=m.safetensors' 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='pattern=2:4 mask=m.safetensors' 2>&1 | FileCheck %s --check-prefix=MASK
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='pattern=5:4' 2>&1 | FileCheck %s --check-prefix=ORDER
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='pattern=unstructured' 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='recipe=%t/glob.yaml' 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not sparse-opt %t/none.mlir --sparsity-annotate='recipe=%t/glob.yaml' 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not sparse-opt %t/none.mlir --sparsity-annotate='recipe=%t/all.yaml' 2>&1 | FileCheck %s --check-prefix=ALL
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='recipe=%t/importance.yaml' 2>&1 | FileCheck %s --check-prefix=IMPORTANCE
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='parameters=table pattern=2:4' 2>&1 | FileCheck %s --check-prefix=TABLE
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='parameters=*.bias pattern=2:4' 2>&1 | FileCheck %s --check-prefix=BIAS
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='recipe=%t/pattern.yaml' 2>&1 | FileCheck %s --check-prefix=PATTERN
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='recipe=%t/missing.yaml' 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='recipe=%t' 2>&1 | FileCheck %s --check-prefix=FOLDER
// RUN: not sparse-opt %t/model.mlir --sparsity-annotate='recipe=/dev/zero' 2>&1 | FileCheck %s --check-prefix=FOLDER

// Every message of the pass. Those of the recipe reader are unit tests.

// NEITHER: model.mlir:1:1: error: expected option 'recipe' or option 'pattern'
// BOTH: model.mlir:1:1: error: expected either option 'recipe' or the options of one rule, got both
// MASK: model.mlir:1:1: error: {{.*}}m.safetensors
// ORDER: model.mlir:1:1: error: expected 1 <= n <= m, got 5:4
// TARGET: model.mlir:1:1: error: expected 'target_sparsity' for pattern 'unstructured'
// GLOB: glob.yaml:3:12: error: expected a parameter that matches 'layer.*.wieght'; the nearest name is 'layer.0.weight'
// NONE: glob.yaml:3:12: error: expected a parameter that matches 'layer.*.wieght'; the program has no parameters: no resources and no large inline constants
// ALL: all.yaml:3:12: error: expected a parameter that matches '*'; the program has no parameters: no resources
// IMPORTANCE: importance.yaml:5:17: error: expected one of the importances 'imported', 'magnitude', 'random', 'sparsegpt', 'taylor', 'wanda', got 'magnitute'; did you mean 'magnitude'?
// TABLE: error: expected 'table' to match the weight of a matmul or convolution; parameter 'table' is used by none
// TABLE: model.mlir:2:3: note: parameter is defined here
// BIAS: error: expected '*.bias' to match the weight of a matmul or convolution; parameter 'layer.0.bias' is of type 'tensor<4xf32>'
// PATTERN: pattern.yaml:4:14: error: expected a pattern ({{.*}}), got 'blok 4x4'; did you mean 'block'?
// MISSING: missing.yaml:1:1: error: expected a readable recipe: {{[Nn]}}o such file or directory
// FOLDER: error: {{.*}}expected a recipe in a regular file

//--- model.mlir
module {
  sparsity.parameter @table : tensor<8x4xf32>
  sparsity.parameter @layer.0.bias : tensor<4xf32>
  sparsity.parameter @layer.0.weight : tensor<4x4xf32>
  func.func @f(%x: tensor<4x4xf32>, %o: tensor<4x4xf32>) -> tensor<4x4xf32> {
    %0 = sparsity.load @layer.0.weight : tensor<4x4xf32>
    %1 = linalg.matmul ins(%x, %0 : tensor<4x4xf32>, tensor<4x4xf32>)
        outs(%o : tensor<4x4xf32>) -> tensor<4x4xf32>
    return %1 : tensor<4x4xf32>
  }
}
//--- none.mlir
module {
}
//--- glob.yaml
version: 1
rules:
  - match: "layer.*.wieght"
    pattern: "2:4"
//--- importance.yaml
version: 1
rules:
  - match: "layer.*.weight"
    pattern: "2:4"
    importance: magnitute
//--- pattern.yaml
version: 1
rules:
  - match: "layer.*.weight"
    pattern: blok 4x4
//--- all.yaml
version: 1
rules:
  - match: "*"
    pattern: "2:4"
