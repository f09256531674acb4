import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("xception", { size: 71, width: 0.125, classes: 10 });
