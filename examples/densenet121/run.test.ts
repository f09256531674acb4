import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("densenet121", { size: 64, width: 0.25, classes: 10 });
