// Passes whose examples are missing or wrong, for broken.test.

include "mlir/Pass/PassBase.td"

def MissingPass : Pass<"canonicalize"> {
  let description = [{ Says nothing. }];
}

def IdlePass : Pass<"cse"> {
  let description = [{
    ```mlir
    func.func private @f()
    ```
  }];
}

def WrongPass : Pass<"symbol-dce"> {
  let description = [{
    ```mlir
    func.func private @f()
    // becomes
    func.func @g() { return }
    ```
  }];
}

def ForeignPass : Pass<"inline"> {
  let description = [{
    ```mlir
    // sparse-opt --cse
    func.func private @f()
    ```
  }];
}
