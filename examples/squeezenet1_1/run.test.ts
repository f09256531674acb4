import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("squeezenet1_1", { size: 64, width: 0.5, classes: 10 });
