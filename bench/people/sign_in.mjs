// sign_in.mjs ROLE: signs the demo person of that role in and prints the cookie of the session.
import { Person } from "../../tests/lib/person.mjs";

const person = new Person(process.argv[2]);
const answer = await person.signIn();
if (answer.status !== 303) throw new Error(`signing in answers ${answer.status}`);
console.log(person.session);
