// The thread in which `cdk synth` validates templates, started by bin/app.ts.
import { serveValidation } from '../lib/policies/serve-validation';

serveValidation();
